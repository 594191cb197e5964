select profile_id, origin, kids, country, device, created_ms
from ({{ first_copy(source('lake', 'profiles'), ['profile_id'], 'source, created_ms desc, country, device') }}) as profiles
