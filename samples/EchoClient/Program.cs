using System.Globalization;
using System.Net.Sockets;

// Placeholder over System.Net.Sockets, until the library has a client socket.
int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;
using var client = new TcpClient();
await client.ConnectAsync("127.0.0.1", port);

await using NetworkStream stream = client.GetStream();
await stream.WriteAsync("hello\r\n"u8.ToArray());
using var reader = new StreamReader(stream);
Console.WriteLine($"Server said: '{await reader.ReadLineAsync()}'");
