/**
 * All that a viewer sees or hears, in every language there is: the words of the pages about accounts are here, those
 * of others in ../words. English has all of them; the others must. `key.one` takes the place of `key` for a count of
 * one (Intl.PluralRules).
 */

import * as billing from "../words/billing";
import * as browse from "../words/browse";
import * as failures from "../words/failures";
import * as metadata from "../words/metadata";
import * as player from "../words/player";

const en = {
  ...billing.en,
  ...browse.en,
  ...failures.en,
  ...metadata.en,
  ...player.en,
  "sign-in": "Sign in",
  "sign-in.none": "No account yet?",
  "sign-in.code": "Code of your authenticator app, or a recovery code",
  "sign-in.code.why": "Your password is right. This account asks for a code as well.",
  "sign-out": "Sign out",
  "sign-out.everywhere": "Sign out everywhere",
  register: "Open an account",
  "register.known": "Already have an account?",
  "register.done": "Look into your mail",
  "register.done.text":
    "If {email} has no account yet, we have opened one and sent you a link that confirms the address. If it has one, the message says so.",
  email: "E-mail address",
  password: "Password",
  "password.new": "New password",
  "password.current": "Your password",
  "password.hint": "At least 10 characters. Some words that only you would put together are best.",
  "password.change": "Change password",
  "password.changed": "Your password is changed. All other devices are signed out.",
  forgotten: "Forgotten your password?",
  "forgotten.title": "Set a new password",
  "forgotten.ask": "Send me a link",
  "forgotten.done": "Look into your mail",
  "forgotten.done.text": "If {email} has an account, a link is on its way. It works once, for two hours.",
  "reset.done": "Your password is set",
  "reset.done.text": "All devices were signed out. Sign in with the new password.",
  "verify.title": "Confirm your address",
  "verify.button": "Confirm",
  "verify.done": "Your address is confirmed",
  "confirm.title": "Confirm the change of your address",
  "confirm.half": "One of two is confirmed",
  "confirm.half.text": "The other address has a message as well. The change is made once both have confirmed.",
  "confirm.done": "Your address is changed",
  "link.none": "This link is not complete",
  "link.none.text": "Open it again from the message, or ask for a new one.",
  account: "Account",
  "account.unverified": "This address is not confirmed yet.",
  "account.verified": "Confirmed",
  "account.again": "Send the message again",
  "account.again.done": "The message is on its way.",
  "address.change": "Change address",
  "address.new": "New address",
  "address.done": "Both addresses get a message. The change is made once both have confirmed.",
  "totp.title": "Authenticator app",
  "totp.why": "An app on your phone makes a code for each sign-in. Whoever knows your password still cannot get in.",
  "totp.on": "Sign-in asks for a code. {count} recovery codes are left.",
  "totp.on.one": "Sign-in asks for a code. {count} recovery code is left.",
  "totp.begin": "Set up",
  "totp.scan": "Scan this with the app, or type the key into it. Then enter the code that it shows.",
  "totp.qr": "The key as a QR code",
  "totp.key": "Key",
  "totp.code": "Code",
  "totp.confirm": "Confirm",
  "totp.remove": "Remove",
  "totp.codes": "Your recovery codes",
  "totp.codes.text": "Write them down and keep them apart from your phone. Each works once. They are not shown again.",
  "totp.codes.kept": "I have them",
  devices: "Devices",
  "devices.this": "This device",
  "devices.unknown": "Unknown device",
  "devices.seen": "Last seen {when}",
  trail: "What happened to your account",
  "trail.more": "Show earlier",
  continue: "Go on",
  cancel: "Cancel",
  working: "One moment…",
  "kind.signed-up": "Account opened",
  "kind.email-verified": "Address confirmed",
  "kind.logged-in": "Signed in",
  "kind.login-failed": "Sign-in failed",
  "kind.logged-out": "Signed out",
  "kind.logged-out-everywhere": "Signed out everywhere",
  "kind.token-reused": "A sign-in was used twice and has been ended",
  "kind.device-removed": "Device signed out",
  "kind.password-changed": "Password changed",
  "kind.password-reset": "New password set by a link",
  "kind.email-change-asked": "Change of address asked for",
  "kind.email-changed": "Address changed",
  "kind.totp-on": "Authenticator app set up",
  "kind.totp-off": "Authenticator app removed",
  "kind.recovery-code-used": "Recovery code used",
  "kind.locked": "Account locked",
  "kind.unlocked": "Account unlocked",
  "kind.role-given": "Role changed",
  "problem.wrong-credentials": "The address or the password is wrong.",
  "problem.wrong-code": "This code is wrong, or was used before.",
  "problem.signed-out": "Your sign-in is over. Please sign in again.",
  "problem.account-locked": "This account is locked. Ask the people who run this service.",
  "problem.link-spent": "This link was used, or has expired. Ask for a new one.",
  "problem.weak-password": "This password is easy to guess. Take some words that only you would put together.",
  "problem.too-many-attempts": "Too many attempts. Wait a little, then try again.",
  "problem.invalid-input": "Something here is not filled in as it should be.",
  "problem.conflict": "This cannot be done as things are now.",
  "problem.unavailable": "This is not possible at the moment. Trying again soon may help.",
  "problem.offline": "Marquee cannot be reached. Check the connection and try again.",
  "problem.timeout": "The service did not answer in time. Try again.",
  "problem.unknown": "That did not work. Try again.",
  "profiles.who": "Who is watching?",
  profiles: "Profiles",
  "profiles.current": "Watching as {name}. Change profile",
  "profiles.now": "Watching now",
  "profiles.kids": "Kids",
  "profiles.to-age": "Up to {age}",
  "profiles.new": "New profile",
  "profiles.edit": "Edit",
  "profiles.name": "Name",
  "profiles.avatar": "Colour",
  "profiles.kids.why": "For kids: only what is rated for all or from 6",
  "profiles.limit": "Age limit",
  "profiles.limit.none": "None",
  "profiles.limit.all": "Only what is rated for all",
  "profiles.languages": "Languages you watch in",
  "profiles.languages.why": "Marquee speaks to you in the first of them that it knows.",
  "profiles.start": "Start watching",
  "profiles.closed": "This profile cannot be changed from here.",
  "profiles.delete.ask": "Delete {name} and all it watched?",
  "avatar.violet": "Violet",
  "avatar.blue": "Blue",
  "avatar.teal": "Teal",
  "avatar.green": "Green",
  "avatar.amber": "Amber",
  "avatar.red": "Red",
  "avatar.pink": "Pink",
  "avatar.grey": "Grey",
  picks: "What do you like?",
  "picks.missing": "Pick {count} more, and the first rows are yours.",
  "picks.count": "{count} picked",
  "picks.failed": "The titles did not load. You can pick later.",
  "picks.none": "Start without picks",
  pin: "PIN",
  "pin.of": "PIN of {name}",
  "pin.why": "Four to eight digits, asked for before this profile is chosen.",
  "pin.set": "Set a PIN",
  "pin.new": "New PIN",
  "pin.remove": "Remove the PIN",
  "pin.asked": "PIN, to allow this change",
  "captions.size": "Size of captions",
  "captions.small": "Small",
  "captions.medium": "Medium",
  "captions.large": "Large",
  "captions.background": "Captions on a dark background",
  "captions.colour": "Colour of captions",
  "captions.white": "White",
  "captions.yellow": "Yellow",
  "audio.description": "Sound that describes the picture, where there is one",
  "data.saver": "Save data: smaller pictures",
  autoplay: "Play the next title by itself",
  save: "Save",
  delete: "Delete",
  remove: "Remove",
  keep: "Keep",
  history: "Viewing history",
  "history.none": "Nothing has been watched yet.",
  "history.finished": "Seen to the end",
  "history.to": "Watched to {place}",
  "history.clear": "Clear the history",
  "history.clear.ask": "Forget all that was watched? Titles begin anew, and recommendations no longer go by it.",
  opinion: "What you think of it",
  "opinion.list": "My list",
  "opinion.up": "Like",
  "opinion.down": "Not for me",
  "opinion.hide": "Hide",
  "opinion.show": "Show again",
  "refused.not-signed-in": "Sign in to watch.",
  "refused.email-not-verified": "Confirm your e-mail address to watch.",
  "refused.no-plan": "You need a plan to watch.",
  "refused.payment-due": "Your plan has to be paid before anything plays again.",
  "refused.other": "This title cannot be played at the moment.",
  streams: "Playing now",
  "streams.stop": "Stop and watch here",
  "streams.here": "Go on here",
  "streams.end": "Stop",
  plan: "Plan",
  "plan.choose": "Choose a plan",
  "plan.none": "You have no plan yet. Choose one to watch.",
  "plan.picture": "Up to {height}p",
  "plan.picture.hdr": "Up to {height}p, with HDR",
  "plan.streams.one": "On one device at a time",
  "plan.streams": "On {count} devices at once",
  "plan.profiles": "{count} profiles",
  "plan.profiles.one": "{count} profile",
  "plan.yours": "Your plan",
  "plan.trial": "Try it",
  "plan.trial.why": "{days} days without payment.",
  "plan.watch": "Start watching",
  "state.trialing": "You are trying {plan} until {until}.",
  "state.trial-ended": "Your trial of {plan} has ended.",
  "state.active": "You have {plan}.",
  "state.past_due": "The payment for {plan} has failed and is tried again. You can go on watching.",
  "state.unpaid": "The payment for {plan} has failed. Nothing plays until it is paid.",
  "state.canceled": "Your plan {plan} has ended.",
  "state.paused": "Your plan {plan} is paused.",
  "state.incomplete": "The first payment for {plan} is open.",
  "kind.plan-changed": "Plan changed",
  "problem.pin-required": "This asks for a PIN.",
  "problem.wrong-pin": "The PIN is wrong.",
  "problem.not-for-this-profile": "A profile with an age limit cannot do this.",
  "problem.email-not-verified": "Confirm your e-mail address first.",
  "problem.not-found": "This is not here any more.",
  deletion: "Delete the account",
  "deletion.why":
    "Your account, its profiles and all they have watched are deleted after some days. Until then you can take it back.",
  "deletion.ask": "Delete my account",
  "deletion.at": "Your account will be deleted on {day}.",
  "deletion.back": "Keep my account",
  "kind.exported": "Written into a file by staff",
  "kind.deletion-asked": "Deletion of the account asked for",
  "kind.deletion-taken-back": "Deletion taken back",
  passkeys: "Passkeys",
  "passkeys.why": "A passkey signs you in by the lock of your device: no password to type, none to steal.",
  "passkeys.add": "Add a passkey",
  "language.page": "Language of this page",
  "proof.passkey": "Confirm with a passkey",
  "passkeys.unknown": "This browser knows no passkeys.",
  "passkey.use": "Sign in with a passkey",
  "kind.passkey-added": "Passkey added",
  "kind.passkey-removed": "Passkey removed",
  "problem.wrong-passkey": "This passkey is not known here. Sign in with your password.",
  "problem.passkey-unused": "No passkey was used.",
  "provider.use": "Sign in with {name}",
  "kind.provider-linked": "Signed in by the provider for the first time",
  "problem.provider-refused": "The provider has not signed you in. Try again.",
  data: "Your data",
  "data.why":
    "A copy of all that is kept of you: your account, its profiles and what they have watched, as JSON and CSV.",
  "data.ask": "Ask for a copy",
  "data.making": "Your copy is being made. A message has the link to it once it is ready.",
  "data.ready": "Your copy is ready ({size}). The link to it is in your mail. The copy is deleted on {day}.",
  "data.expired": "Your last copy has been deleted. You can ask for another one.",
  "data.failed": "Your copy could not be made. Please ask again.",
  "data.next": "You can ask for another one from {when} on.",
  "data.again": "Send another link",
  "data.again.done": "A message with another link is on its way. The one before works no more.",
  "data.title": "Your data is ready",
  "data.title.text": "The archive holds all that is kept of you. Keep it as safe as your password.",
  "data.fetch": "Save the archive",
  "data.begun": "The archive is being saved",
  "data.begun.text":
    "If the download breaks off, begin it again within five minutes. The link in the message is used now.",
  "data.begin": "Begin again",
  "data.sign-in": "Please sign in first",
  "data.sign-in.text": "Only you can fetch your data. Sign in, then open the link in the message once more.",
  "data.link-spent": "This link was used",
  "data.link-spent.text": "Or another one was sent after it. As long as your copy is there, you can have another link.",
  "data.export-expired": "This copy is not there any more",
  "data.export-expired.text": "Copies are deleted after a week. You can ask for another one in your account.",
  "data.export-under-way": "Your copy is being made",
  "data.export-under-way.text": "You have asked for another one. A message has the link to it once it is ready.",
  "data.link-of-another": "This link is for another account",
  "data.link-of-another.text": "Sign in with the account that the message was sent to, then open the link once more.",
  "kind.export-asked": "Copy of the data asked for",
  "kind.export-fetched": "Copy of the data fetched",
  "problem.export-too-soon": "You can have one copy a day.",
  "problem.export-under-way": "Your copy is being made.",
} as const;

export type Word = keyof typeof en;

const de: Record<Word, string> = {
  ...billing.de,
  ...browse.de,
  ...failures.de,
  ...metadata.de,
  ...player.de,
  "sign-in": "Anmelden",
  "sign-in.none": "Noch kein Konto?",
  "sign-in.code": "Code Ihrer Authenticator-App oder ein Wiederherstellungscode",
  "sign-in.code.why": "Ihr Passwort stimmt. Dieses Konto verlangt zusätzlich einen Code.",
  "sign-out": "Abmelden",
  "sign-out.everywhere": "Überall abmelden",
  register: "Konto eröffnen",
  "register.known": "Sie haben schon ein Konto?",
  "register.done": "Sehen Sie in Ihre E-Mail",
  "register.done.text":
    "Falls {email} noch kein Konto hat, haben wir eines eröffnet und Ihnen einen Link geschickt, der die Adresse bestätigt. Falls es schon eines gibt, steht das in der Nachricht.",
  email: "E-Mail-Adresse",
  password: "Passwort",
  "password.new": "Neues Passwort",
  "password.current": "Ihr Passwort",
  "password.hint": "Mindestens 10 Zeichen. Am besten ein paar Wörter, die nur Sie zusammenstellen würden.",
  "password.change": "Passwort ändern",
  "password.changed": "Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.",
  forgotten: "Passwort vergessen?",
  "forgotten.title": "Neues Passwort setzen",
  "forgotten.ask": "Link schicken",
  "forgotten.done": "Sehen Sie in Ihre E-Mail",
  "forgotten.done.text":
    "Falls {email} ein Konto hat, ist ein Link unterwegs. Er funktioniert einmal, zwei Stunden lang.",
  "reset.done": "Ihr Passwort ist gesetzt",
  "reset.done.text": "Alle Geräte wurden abgemeldet. Melden Sie sich mit dem neuen Passwort an.",
  "verify.title": "Adresse bestätigen",
  "verify.button": "Bestätigen",
  "verify.done": "Ihre Adresse ist bestätigt",
  "confirm.title": "Änderung der Adresse bestätigen",
  "confirm.half": "Eine von zweien ist bestätigt",
  "confirm.half.text": "Auch die andere Adresse hat eine Nachricht. Geändert wird, sobald beide bestätigt sind.",
  "confirm.done": "Ihre Adresse ist geändert",
  "link.none": "Dieser Link ist unvollständig",
  "link.none.text": "Öffnen Sie ihn noch einmal aus der Nachricht, oder fordern Sie einen neuen an.",
  account: "Konto",
  "account.unverified": "Diese Adresse ist noch nicht bestätigt.",
  "account.verified": "Bestätigt",
  "account.again": "Nachricht noch einmal schicken",
  "account.again.done": "Die Nachricht ist unterwegs.",
  "address.change": "Adresse ändern",
  "address.new": "Neue Adresse",
  "address.done": "Beide Adressen bekommen eine Nachricht. Geändert wird, sobald beide bestätigt sind.",
  "totp.title": "Authenticator-App",
  "totp.why":
    "Eine App auf Ihrem Telefon erzeugt für jede Anmeldung einen Code. Wer nur Ihr Passwort kennt, kommt nicht hinein.",
  "totp.on": "Bei der Anmeldung wird ein Code verlangt. {count} Wiederherstellungscodes sind übrig.",
  "totp.on.one": "Bei der Anmeldung wird ein Code verlangt. {count} Wiederherstellungscode ist übrig.",
  "totp.begin": "Einrichten",
  "totp.scan": "Scannen Sie das mit der App, oder tippen Sie den Schlüssel ein. Geben Sie dann den Code der App ein.",
  "totp.qr": "Der Schlüssel als QR-Code",
  "totp.key": "Schlüssel",
  "totp.code": "Code",
  "totp.confirm": "Bestätigen",
  "totp.remove": "Entfernen",
  "totp.codes": "Ihre Wiederherstellungscodes",
  "totp.codes.text":
    "Schreiben Sie sie auf, und bewahren Sie sie nicht beim Telefon auf. Jeder funktioniert einmal. Sie werden nicht noch einmal gezeigt.",
  "totp.codes.kept": "Ich habe sie",
  devices: "Geräte",
  "devices.this": "Dieses Gerät",
  "devices.unknown": "Unbekanntes Gerät",
  "devices.seen": "Zuletzt gesehen {when}",
  trail: "Was mit Ihrem Konto geschah",
  "trail.more": "Früheres zeigen",
  continue: "Weiter",
  cancel: "Abbrechen",
  working: "Einen Moment…",
  "kind.signed-up": "Konto eröffnet",
  "kind.email-verified": "Adresse bestätigt",
  "kind.logged-in": "Angemeldet",
  "kind.login-failed": "Anmeldung fehlgeschlagen",
  "kind.logged-out": "Abgemeldet",
  "kind.logged-out-everywhere": "Überall abgemeldet",
  "kind.token-reused": "Eine Anmeldung wurde doppelt benutzt und beendet",
  "kind.device-removed": "Gerät abgemeldet",
  "kind.password-changed": "Passwort geändert",
  "kind.password-reset": "Neues Passwort über einen Link gesetzt",
  "kind.email-change-asked": "Änderung der Adresse angefordert",
  "kind.email-changed": "Adresse geändert",
  "kind.totp-on": "Authenticator-App eingerichtet",
  "kind.totp-off": "Authenticator-App entfernt",
  "kind.recovery-code-used": "Wiederherstellungscode benutzt",
  "kind.locked": "Konto gesperrt",
  "kind.unlocked": "Konto entsperrt",
  "kind.role-given": "Rolle geändert",
  "problem.wrong-credentials": "Die Adresse oder das Passwort ist falsch.",
  "problem.wrong-code": "Dieser Code ist falsch oder wurde schon benutzt.",
  "problem.signed-out": "Ihre Anmeldung ist vorbei. Bitte melden Sie sich noch einmal an.",
  "problem.account-locked": "Dieses Konto ist gesperrt. Wenden Sie sich an die Betreiber dieses Dienstes.",
  "problem.link-spent": "Dieser Link wurde benutzt oder ist abgelaufen. Fordern Sie einen neuen an.",
  "problem.weak-password":
    "Dieses Passwort ist leicht zu erraten. Nehmen Sie ein paar Wörter, die nur Sie zusammenstellen würden.",
  "problem.too-many-attempts": "Zu viele Versuche. Warten Sie ein wenig, und versuchen Sie es dann wieder.",
  "problem.invalid-input": "Hier ist etwas nicht so ausgefüllt, wie es sein soll.",
  "problem.conflict": "Das geht im Augenblick nicht.",
  "problem.unavailable": "Das ist gerade nicht möglich. Versuchen Sie es bald noch einmal.",
  "problem.offline": "Marquee ist nicht zu erreichen. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.",
  "problem.timeout": "Der Dienst hat nicht rechtzeitig geantwortet. Versuchen Sie es noch einmal.",
  "problem.unknown": "Das hat nicht geklappt. Versuchen Sie es noch einmal.",
  "profiles.who": "Wer schaut?",
  profiles: "Profile",
  "profiles.current": "Es schaut {name}. Profil wechseln",
  "profiles.now": "Schaut gerade",
  "profiles.kids": "Kinder",
  "profiles.to-age": "Bis {age} Jahre",
  "profiles.new": "Neues Profil",
  "profiles.edit": "Bearbeiten",
  "profiles.name": "Name",
  "profiles.avatar": "Farbe",
  "profiles.kids.why": "Für Kinder: nur was ohne Beschränkung oder ab 6 freigegeben ist",
  "profiles.limit": "Altersgrenze",
  "profiles.limit.none": "Keine",
  "profiles.limit.all": "Nur was für alle freigegeben ist",
  "profiles.languages": "Sprachen, in denen Sie schauen",
  "profiles.languages.why": "Marquee spricht mit Ihnen in der ersten davon, die es kennt.",
  "profiles.start": "Los geht es",
  "profiles.closed": "Dieses Profil kann von hier aus nicht geändert werden.",
  "profiles.delete.ask": "{name} löschen, mit allem, was geschaut wurde?",
  "avatar.violet": "Violett",
  "avatar.blue": "Blau",
  "avatar.teal": "Türkis",
  "avatar.green": "Grün",
  "avatar.amber": "Bernstein",
  "avatar.red": "Rot",
  "avatar.pink": "Rosa",
  "avatar.grey": "Grau",
  picks: "Was mögen Sie?",
  "picks.missing": "Noch {count}, und die ersten Reihen sind Ihre.",
  "picks.count": "{count} gewählt",
  "picks.failed": "Die Titel wurden nicht geladen. Sie können später wählen.",
  "picks.none": "Ohne Auswahl anfangen",
  pin: "PIN",
  "pin.of": "PIN von {name}",
  "pin.why": "Vier bis acht Ziffern, nach denen gefragt wird, bevor dieses Profil gewählt wird.",
  "pin.set": "PIN setzen",
  "pin.new": "Neue PIN",
  "pin.remove": "PIN entfernen",
  "pin.asked": "PIN, um diese Änderung zu erlauben",
  "captions.size": "Größe der Untertitel",
  "captions.small": "Klein",
  "captions.medium": "Mittel",
  "captions.large": "Groß",
  "captions.background": "Untertitel auf dunklem Grund",
  "captions.colour": "Farbe der Untertitel",
  "captions.white": "Weiß",
  "captions.yellow": "Gelb",
  "audio.description": "Ton, der das Bild beschreibt, wo es ihn gibt",
  "data.saver": "Daten sparen: kleinere Bilder",
  autoplay: "Den nächsten Titel von selbst abspielen",
  save: "Speichern",
  delete: "Löschen",
  remove: "Entfernen",
  keep: "Behalten",
  history: "Verlauf",
  "history.none": "Noch wurde nichts geschaut.",
  "history.finished": "Bis zum Ende geschaut",
  "history.to": "Geschaut bis {place}",
  "history.clear": "Verlauf löschen",
  "history.clear.ask":
    "Alles Geschaute vergessen? Titel beginnen von vorn, und Empfehlungen richten sich nicht mehr danach.",
  opinion: "Was Sie davon halten",
  "opinion.list": "Meine Liste",
  "opinion.up": "Gefällt mir",
  "opinion.down": "Nichts für mich",
  "opinion.hide": "Ausblenden",
  "opinion.show": "Wieder zeigen",
  "refused.not-signed-in": "Melden Sie sich an, um zu schauen.",
  "refused.email-not-verified": "Bestätigen Sie Ihre E-Mail-Adresse, um zu schauen.",
  "refused.no-plan": "Zum Schauen brauchen Sie ein Abonnement.",
  "refused.payment-due": "Ihr Abonnement muss bezahlt werden, bevor wieder etwas spielt.",
  "refused.other": "Dieser Titel kann zurzeit nicht abgespielt werden.",
  streams: "Spielt gerade",
  "streams.stop": "Dort anhalten, hier schauen",
  "streams.here": "Hier weiterschauen",
  "streams.end": "Anhalten",
  plan: "Abonnement",
  "plan.choose": "Abonnement wählen",
  "plan.none": "Sie haben noch kein Abonnement. Wählen Sie eines, um zu schauen.",
  "plan.picture": "Bis {height}p",
  "plan.picture.hdr": "Bis {height}p, mit HDR",
  "plan.streams.one": "Auf einem Gerät zur Zeit",
  "plan.streams": "Auf {count} Geräten zugleich",
  "plan.profiles": "{count} Profile",
  "plan.profiles.one": "{count} Profil",
  "plan.yours": "Ihr Abonnement",
  "plan.trial": "Ausprobieren",
  "plan.trial.why": "{days} Tage ohne Bezahlung.",
  "plan.watch": "Los geht es",
  "state.trialing": "Sie probieren {plan} bis zum {until} aus.",
  "state.trial-ended": "Ihre Probezeit für {plan} ist vorbei.",
  "state.active": "Sie haben {plan}.",
  "state.past_due": "Die Zahlung für {plan} ist fehlgeschlagen und wird wiederholt. Sie können weiterschauen.",
  "state.unpaid": "Die Zahlung für {plan} ist fehlgeschlagen. Bis sie eingeht, spielt nichts.",
  "state.canceled": "Ihr Abonnement {plan} ist beendet.",
  "state.paused": "Ihr Abonnement {plan} ruht.",
  "state.incomplete": "Die erste Zahlung für {plan} steht aus.",
  "kind.plan-changed": "Abonnement geändert",
  "problem.pin-required": "Hierfür wird eine PIN verlangt.",
  "problem.wrong-pin": "Die PIN ist falsch.",
  "problem.not-for-this-profile": "Ein Profil mit Altersgrenze kann das nicht.",
  "problem.email-not-verified": "Bestätigen Sie zuerst Ihre E-Mail-Adresse.",
  "problem.not-found": "Das gibt es nicht mehr.",
  deletion: "Konto löschen",
  "deletion.why":
    "Ihr Konto, seine Profile und alles, was sie geschaut haben, wird nach einigen Tagen gelöscht. Bis dahin können Sie das zurücknehmen.",
  "deletion.ask": "Mein Konto löschen",
  "deletion.at": "Ihr Konto wird am {day} gelöscht.",
  "deletion.back": "Konto behalten",
  "kind.exported": "Von Mitarbeitern in eine Datei geschrieben",
  "kind.deletion-asked": "Löschung des Kontos beauftragt",
  "kind.deletion-taken-back": "Löschung zurückgenommen",
  passkeys: "Passkeys",
  "passkeys.why":
    "Mit einem Passkey melden Sie sich über die Sperre Ihres Geräts an: kein Passwort zu tippen, keines zu stehlen.",
  "passkeys.add": "Passkey hinzufügen",
  "language.page": "Sprache dieser Seite",
  "proof.passkey": "Mit einem Passkey bestätigen",
  "passkeys.unknown": "Dieser Browser kennt keine Passkeys.",
  "passkey.use": "Mit einem Passkey anmelden",
  "kind.passkey-added": "Passkey hinzugefügt",
  "kind.passkey-removed": "Passkey entfernt",
  "problem.wrong-passkey": "Dieser Passkey ist hier nicht bekannt. Melden Sie sich mit Ihrem Passwort an.",
  "problem.passkey-unused": "Es wurde kein Passkey benutzt.",
  "provider.use": "Anmelden mit {name}",
  "kind.provider-linked": "Erstmals über den Anbieter angemeldet",
  "problem.provider-refused": "Der Anbieter hat Sie nicht angemeldet. Versuchen Sie es noch einmal.",
  data: "Ihre Daten",
  "data.why":
    "Eine Kopie von allem, was wir über Sie speichern: Ihr Konto, seine Profile und was sie geschaut haben, als JSON und CSV.",
  "data.ask": "Kopie anfordern",
  "data.making": "Ihre Kopie wird erstellt. Sobald sie bereitliegt, bekommen Sie eine Nachricht mit dem Link.",
  "data.ready": "Ihre Kopie liegt bereit ({size}). Der Link ist in Ihrer E-Mail. Die Kopie wird am {day} gelöscht.",
  "data.expired": "Ihre letzte Kopie wurde gelöscht. Sie können eine neue anfordern.",
  "data.failed": "Ihre Kopie konnte nicht erstellt werden. Bitte fordern Sie sie noch einmal an.",
  "data.next": "Eine weitere können Sie ab {when} anfordern.",
  "data.again": "Neuen Link schicken",
  "data.again.done": "Eine Nachricht mit einem neuen Link ist unterwegs. Der vorige funktioniert nicht mehr.",
  "data.title": "Ihre Daten liegen bereit",
  "data.title.text":
    "Das Archiv enthält alles, was wir über Sie speichern. Bewahren Sie es so sicher auf wie Ihr Passwort.",
  "data.fetch": "Archiv speichern",
  "data.begun": "Das Archiv wird gespeichert",
  "data.begun.text":
    "Falls der Download abbricht, beginnen Sie ihn innerhalb von fünf Minuten noch einmal. Der Link der Nachricht ist jetzt benutzt.",
  "data.begin": "Noch einmal beginnen",
  "data.sign-in": "Bitte melden Sie sich zuerst an",
  "data.sign-in.text":
    "Nur Sie können Ihre Daten abholen. Melden Sie sich an, und öffnen Sie dann den Link der Nachricht noch einmal.",
  "data.link-spent": "Dieser Link wurde benutzt",
  "data.link-spent.text":
    "Oder es wurde nach ihm ein neuer geschickt. Solange Ihre Kopie bereitliegt, können Sie einen neuen Link bekommen.",
  "data.export-expired": "Diese Kopie gibt es nicht mehr",
  "data.export-expired.text": "Kopien werden nach einer Woche gelöscht. In Ihrem Konto können Sie eine neue anfordern.",
  "data.export-under-way": "Ihre Kopie wird erstellt",
  "data.export-under-way.text":
    "Sie haben eine neue angefordert. Sobald sie bereitliegt, bekommen Sie eine Nachricht mit dem Link.",
  "data.link-of-another": "Dieser Link ist für ein anderes Konto",
  "data.link-of-another.text":
    "Melden Sie sich mit dem Konto an, das die Nachricht bekommen hat, und öffnen Sie dann den Link noch einmal.",
  "kind.export-asked": "Kopie der Daten angefordert",
  "kind.export-fetched": "Kopie der Daten abgeholt",
  "problem.export-too-soon": "Sie können eine Kopie am Tag bekommen.",
  "problem.export-under-way": "Ihre Kopie wird erstellt.",
};

export const LANGUAGES: Record<string, Record<Word, string>> = { en, de };

const KEPT = "marquee.languages";
const CHOSEN = "marquee.language"; // by a guest, for this device
export const LANGUAGE_CHANGED = "marquee:language";
let ofProfile: readonly string[] = keptLanguages(KEPT);
let ofGuest: readonly string[] = keptLanguages(CHOSEN);

function keptLanguages(key: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((tag) => typeof tag === "string") : [];
  } catch {
    return []; // nothing was kept, or storage is forbidden
  }
}

function keepLanguages(key: string, tags: readonly string[]): void {
  try {
    if (tags.length) localStorage.setItem(key, JSON.stringify(tags));
    else localStorage.removeItem(key);
  } catch {
    // it is told again at the next start
  }
}

function changing(change: () => void): void {
  const before = pageLanguage();
  change();
  if (pageLanguage() !== before) window.dispatchEvent(new Event(LANGUAGE_CHANGED));
}

/** From now on the words are in the first language of who watches that there is; null when nobody does. */
export function speakTo(profile: { languages: readonly string[] } | null): void {
  changing(() => {
    ofProfile = profile?.languages ?? [];
    keepLanguages(KEPT, ofProfile);
  });
}

/** A guest's choice: on this device the words are in that language, as long as no profile says otherwise. */
export function speakToGuests(tag: string | null): void {
  changing(() => {
    ofGuest = tag === null ? [] : [tag];
    keepLanguages(CHOSEN, ofGuest);
  });
}

/** The languages that are wanted here, the most wanted first: those of who watches, a guest's choice, the browser's. */
export function wantedLanguages(): string[] {
  const ofBrowser = globalThis.navigator?.languages ?? [];
  return [...new Set([...ofProfile, ...ofGuest, ...ofBrowser])];
}

const base = (tag: string): string => tag.toLowerCase().split("-")[0] ?? "";

/** The first of the wanted languages that there are words in. */
export function pickLanguage(wanted: readonly string[]): string {
  return wanted.map(base).find((tag) => tag in LANGUAGES) ?? "en";
}

export const pageLanguage = (): string => pickLanguage(wantedLanguages());

/** For dates and numbers beside the words: the viewer's own variety of the language, such as en-GB. */
export function pageLocale(language = pageLanguage()): string {
  const varieties = wantedLanguages().filter((tag) => base(tag) === language);
  return varieties.find((tag) => tag.includes("-")) ?? language;
}

export const sayDay = (at: string): string => new Date(at).toLocaleDateString(pageLocale(), { dateStyle: "long" });

export const sayMoment = (at: string): string =>
  new Date(at).toLocaleString(pageLocale(), { dateStyle: "medium", timeStyle: "short" });

/** A size in bytes, such as "340 kB". */
export function saySize(bytes: number): string {
  const [unit, scale] = bytes < 1e6 ? (["kilobyte", 1e3] as const) : (["megabyte", 1e6] as const);
  const amount = Math.max(1, Math.round(bytes / scale));
  return amount.toLocaleString(pageLocale(), { style: "unit", unit, unitDisplay: "short" });
}

/** "A, B and C". */
export const sayList = (items: readonly string[]): string => new Intl.ListFormat(pageLocale()).format(items);

type Values = Record<string, string | number>;

/** The words for a key, with `{name}` replaced; those for one where `count` is one. */
export function say(word: Word, values: Values = {}, language = pageLanguage()): string {
  const { count } = values;
  const words = LANGUAGES[language] ?? en;
  const many = typeof count === "number" ? pluralOf(word, count, language) : word;
  const all = typeof count === "number" ? { ...values, count: count.toLocaleString(pageLocale(language)) } : values;
  return words[many].replace(/\{(\w+)\}/g, (whole, name: string) => String(all[name] ?? whole));
}

function pluralOf(word: Word, count: number, language: string): Word {
  const form = `${word}.${new Intl.PluralRules(language).select(count)}`;
  return isWord(form) ? form : word;
}

const isWord = (key: string): key is Word => Object.hasOwn(en, key);

/** The words for a key that comes from elsewhere, such as `genre.…`; null where there are none. */
export const sayKnown = (key: string, values: Values = {}): string | null => (isWord(key) ? say(key, values) : null);

/** The words for a problem of the API, by its type. */
export const sayProblem = (type: string): string => sayKnown(`problem.${type}`) ?? say("problem.unknown");
