using System.Globalization;
using Sluice;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
Console.WriteLine($"Started echo telnet server at {server.LocalEndPoint}");

await server.ServeAsync(async (connection, cancellationToken) =>
{
    while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
    {
        await connection.Output.WriteLineAsync(line, cancellationToken);
    }
});
