"""The SIP message as Python sees it: SipMsg, SipUri, header bodies. Reads only; edits live in core/msg."""
