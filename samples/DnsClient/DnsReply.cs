using System.Net;

namespace DnsClient;

/// <summary>The answer: an error code (RFC 1035, 4.1.1; 0 for none), and the addresses.</summary>
internal readonly record struct DnsReply(ushort Id, int Error, IPAddress[] Addresses);
