namespace Sluice.Hosting.Tests;

internal sealed class DatagramEchoHandler : IDatagramHandler
{
    public async Task HandleAsync(DatagramSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[100];
        while (true)
        {
            DatagramReceiveResult received = await socket.ReceiveAsync(buffer, cancellationToken);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.RemoteEndPoint, cancellationToken);
        }
    }
}
