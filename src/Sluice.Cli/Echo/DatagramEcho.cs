using System.Net.Sockets;
using Sluice.Cli.Output;

namespace Sluice.Cli.Echo;

/// <summary>Runs <c>sluice echo udp://…</c>: sends each datagram back as it is.</summary>
internal sealed class DatagramEcho(EchoSettings settings)
{
    public async Task RunAsync(SelectorManager selector, CancellationToken stopping)
    {
        await using DatagramSocket socket = await selector.Udp().BindAsync(
            settings.Listen.Network.HostOf(settings.Address), settings.Address.Number, cancellationToken: stopping);
        string name = $"udp://{socket.LocalEndPoint}";
        new ServerLog(Console.Out, settings.Json, perConnection: false).Started(name, $"Started echo server at {name}");
        await foreach (Datagram datagram in socket.ReceiveAllAsync(stopping))
        {
            using (datagram)
            {
                await EchoAsync(socket, datagram, stopping);
            }
        }
    }

    private async Task EchoAsync(DatagramSocket socket, Datagram datagram, CancellationToken stopping)
    {
        try
        {
            await socket.SendAsync(datagram.Payload, datagram.RemoteEndPoint, stopping);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // Nothing can be sent to a sender that has no port, for one; the others are served on.
            settings.Listen.Errors.Report(Failures.MessageOf(exception), $"{datagram.RemoteEndPoint}");
        }
    }
}
