namespace DnsClient;

/// <summary>A question for the IPv4 or the IPv6 addresses of a name.</summary>
internal readonly record struct DnsQuestion(string Name, bool IsIPv6 = false);
