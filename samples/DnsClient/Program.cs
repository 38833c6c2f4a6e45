using System.Diagnostics;
using System.Net;
using DnsClient;
using Sluice;
using Sluice.Client;

// DnsClient SERVER NAME...: all names at once, over one TCP connection (RFC 7766, 6.2.1.1). The server may answer them in any order.
if (args.Length < 2 || !IPEndPoint.TryParse(args[0], out IPEndPoint? server))
{
    Console.Error.WriteLine("Usage: DnsClient ADDRESS[:PORT] NAME...");
    return 2;
}

server.Port = server.Port == 0 ? 53 : server.Port;
await using StreamSocket socket = await SelectorManager.Shared.Tcp().ConnectAsync(server);
await using RequestChannel<DnsQuestion, DnsReply> dns = RequestChannel.Create(socket.OpenConnection(), new DnsProtocol());

var watch = Stopwatch.StartNew();
DnsReply[] replies = await Task.WhenAll(args[1..].Select(name => dns.SendAsync(new DnsQuestion(name)).AsTask()));
foreach ((string name, DnsReply reply) in args[1..].Zip(replies))
{
    Console.WriteLine($"{name}: {(reply.Error == 0 ? string.Join(", ", reply.Addresses.AsEnumerable()) : $"error {reply.Error}")}");
}

Console.Error.WriteLine($"{replies.Length} answers in {watch.ElapsedMilliseconds} ms");
return 0;
