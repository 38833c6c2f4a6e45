using System.Globalization;
using System.Runtime.InteropServices;
using Sluice;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
Console.WriteLine($"Started echo telnet server at {server.LocalEndPoint}");

await server.ServeAsync(async (connection, cancellationToken) =>
{
    // Reads end when the server begins to stop, so idle clients do not delay it. A line that has arrived is still answered.
    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
    {
        await connection.Output.WriteLineAsync(line, cancellationToken);
    }
}, cancellationToken: stopping.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
