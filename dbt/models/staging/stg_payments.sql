select payment_id, account_id, origin, plan, amount_minor, currency, status, at_ms
from ({{ first_copy(source('lake', 'payments'), ['payment_id'], 'at_ms desc, status, amount_minor, account_id') }}) as payments
