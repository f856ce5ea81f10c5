"""Reads one mail from standard input with Python's own parser and prints what it holds as JSON.

`parts`: every leaf with its type, file name, disposition, method and SHA-256; `calendar`: the lines
of the invitation, unfolded by RFC 5545; `defects`: what the parser finds wrong anywhere.
"""
import email
import email.policy
import hashlib
import json
import sys

mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = []
calendar = None
defects = []
for part in mail.walk():
    defects += [type(defect).__name__ for defect in part.defects]
    for name, value in part.items():
        defects += [f"{name}: {type(defect).__name__}" for defect in value.defects]
    if part.is_multipart():
        continue
    content = part.get_payload(decode=True)
    if part.get_content_type() == "text/calendar":
        calendar = content.decode("utf-8").replace("\r\n ", "").split("\r\n")
    parts.append({
        "type": part.get_content_type(),
        "filename": part.get_filename(),
        "disposition": part.get_content_disposition(),
        "method": part.get_param("method"),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    })
json.dump({
    "type": mail.get_content_type(),
    "subject": mail["subject"],
    "parts": parts,
    "calendar": calendar,
    "defects": defects,
}, sys.stdout)
