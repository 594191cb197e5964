/** The app's typefaces, in a file of their own: lib/typefaces.ts says when they are fetched. */

import "@fontsource-variable/bricolage-grotesque/wdth.css";
import "@fontsource-variable/instrument-sans/wght.css";
