using System.Globalization;
using RespClient;
using Sluice;
using Sluice.Client;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 6379;

await using StreamSocket socket = await SelectorManager.Shared.Tcp().ConnectAsync("127.0.0.1", port);
await using RequestChannel<string[], RespValue> redis = RequestChannel.Create(socket.OpenConnection(), new RespProtocol());

// Many callers share the connection. Their requests leave together, and each caller gets its own reply.
RespValue[] replies = await Task.WhenAll(Enumerable.Range(1, 3).Select(i => redis.SendAsync(["SET", $"sluice:{i}", $"value {i}"]).AsTask()));
Console.WriteLine($"SET: {string.Join(", ", replies)}");
Console.WriteLine($"GET: {await redis.SendAsync(["GET", "sluice:2"])}");

// After HELLO 3, the server sends messages of channels beside the replies.
if (await redis.SendAsync(["HELLO", "3"]) is { IsError: true } refusal)
{
    Console.Error.WriteLine($"HELLO: {refusal}");
    return 1;
}

await redis.PostAsync(["SUBSCRIBE", "news"]);
Console.WriteLine($"SUBSCRIBE: {await redis.Pushes.ReadAsync()}");
Console.WriteLine($"PUBLISH: {await redis.SendAsync(["PUBLISH", "news", "hello"])}");
Console.WriteLine($"Message: {await redis.Pushes.ReadAsync()}");
return 0;
