using System.Globalization;
using System.Runtime.InteropServices;
using Chat;
using Sluice;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 4000;
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var chat = new ChatServer();

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port, options => options.Accepted.SocketTimeout = ChatServer.IdleTimeout);
Console.WriteLine($"Started chat server at {server.LocalEndPoint}");

// A client that reads so slowly that 256 KiB wait for it is disconnected. Until then it costs the others nothing.
var options = new ServeOptions { Outbox = new OutboxOptions { Capacity = 256 * 1024, FullMode = OutboxFullMode.Disconnect } };
await server.ServeAsync(chat.HandleAsync, options, stopping.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
