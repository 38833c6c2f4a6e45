using System.Globalization;
using Sluice;

int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;

await using StreamSocket socket = await SelectorManager.Shared.Tcp().ConnectAsync("127.0.0.1", port);
ByteReadChannel input = socket.OpenReadChannel();
ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);

await output.WriteStringAsync("hello\r\n");
Console.WriteLine($"Server said: '{await input.ReadLineAsync()}'");
