namespace Sluice.Bench.Contenders;

/// <summary>A typical datagram server with Sluice.</summary>
internal static class SluiceDatagrams
{
    public static async Task RunAsync(SelectorManager selector, ServerMode mode, Action<int> listening)
    {
        await using DatagramSocket socket = await selector.Udp().BindAsync("127.0.0.1");
        listening(socket.Port);
        Memory<byte> buffer = new byte[2048];
        long count = 0;
        while (true)
        {
            DatagramReceiveResult received = await socket.ReceiveAsync(buffer);
            if (mode == ServerMode.DatagramEcho)
            {
                await socket.SendAsync(buffer[..received.Count], received.RemoteEndPoint);
            }
            else if (received.Count == 1)
            {
                BitConverter.TryWriteBytes(buffer.Span[1..], count);
                await socket.SendAsync(buffer[..(1 + sizeof(long))], received.RemoteEndPoint);
            }
            else
            {
                count++;
            }
        }
    }
}
