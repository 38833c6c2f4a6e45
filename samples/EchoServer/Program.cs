using System.Globalization;
using System.Net;
using System.Net.Sockets;

// Placeholder over System.Net.Sockets, until the library has a server socket.
int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;
using var listener = new TcpListener(IPAddress.Loopback, port);
listener.Start();
Console.WriteLine($"Started echo telnet server at {listener.LocalEndpoint}");

while (true)
{
    using TcpClient client = await listener.AcceptTcpClientAsync();
    await using NetworkStream stream = client.GetStream();
    await stream.CopyToAsync(stream);
}
