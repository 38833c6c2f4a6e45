using System.Globalization;
using System.Runtime.InteropServices;
using Resp;
using Sluice;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 6379;
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// Redis runs all commands on one thread. So does this: one loop, and a lock that has no competitor.
await using var selector = new SelectorManager(new SelectorOptions { LoopCount = 1 });
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
var database = new Database(TimeProvider.System);
var topics = new Topics();
Console.WriteLine($"Started RESP server at {server.LocalEndPoint}");

// A subscriber that does not read is disconnected when 8 MiB wait for it.
var options = new ServeOptions { MaxConnections = 10_000, Outbox = new OutboxOptions { Capacity = 8 * 1024 * 1024, FullMode = OutboxFullMode.Disconnect } };
Task expiring = database.ExpireAsync(stopping.Token);
await server.ServeAsync((connection, token) => new Session(connection, database, topics).RunAsync(token), options, stopping.Token);
await expiring;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
