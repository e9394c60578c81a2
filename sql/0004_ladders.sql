-- The ladders every installation starts with. Change one with outrider.save_ladder, which makes a new version.

select outrider.save_ladder('standard',
    '[{"channel": "sms", "wait_seconds": 20}, {"channel": "voice", "wait_seconds": 90}, {"channel": "email", "wait_seconds": 3600}]',
    'A text; a call when it cannot be delivered or no receipt comes within 20 seconds; then an e-mail.');
select outrider.save_ladder('urgent',
    '[{"channel": "voice", "wait_seconds": 60}, {"channel": "sms", "wait_seconds": 30}, {"channel": "voice", "wait_seconds": 60}, {"channel": "email", "wait_seconds": 3600}]',
    'A call first, then a text, a second call, and an e-mail.');
select outrider.save_ladder('whatsapp_first',
    '[{"channel": "whatsapp", "wait_seconds": 30}, {"channel": "sms", "wait_seconds": 20}, {"channel": "voice", "wait_seconds": 90}, {"channel": "email", "wait_seconds": 3600}]',
    'WhatsApp where it is allowed, then as standard.');
