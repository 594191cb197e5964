select change_id, account_id, provider, from_plan, from_state, plan, state, at_ms, ends_ms
from (
    {{ first_copy(source('lake', 'subscription_changes'), ['change_id'], 'at_ms desc, account_id, state, plan') }}
) as changes
