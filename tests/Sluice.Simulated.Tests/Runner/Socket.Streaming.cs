using System.Net.Sockets;

namespace Sluice;

// The shapes of the framework's methods, so that calls choose the same ones.
public sealed partial class Socket
{
    public int Send(byte[] buffer) => SimulatedRun.Current.Wait(SendAsync(buffer, SocketFlags.None));

    public int Receive(byte[] buffer) => SimulatedRun.Current.Wait(ReceiveAsync(buffer, SocketFlags.None));

    public Task<int> SendAsync(ArraySegment<byte> buffer) => SendAsync(buffer, SocketFlags.None);

    public Task<int> SendAsync(ArraySegment<byte> buffer, SocketFlags socketFlags) => SendAsync((ReadOnlyMemory<byte>)buffer, socketFlags).AsTask();

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => SendAsync(buffer, SocketFlags.None, cancellationToken);

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer, SocketFlags socketFlags, CancellationToken cancellationToken = default)
    {
        CheckFlags(socketFlags);
        for (int sent = 0; sent < buffer.Length;)
        {
            ThrowIfClosed();
            int taken = Connected().Send(buffer.Span[sent..], out SocketError error);
            ThrowIf(error);
            sent += taken;
            if (sent < buffer.Length)
            {
                await WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        return buffer.Length;
    }

    public Task<int> ReceiveAsync(ArraySegment<byte> buffer) => ReceiveAsync(buffer, SocketFlags.None);

    public Task<int> ReceiveAsync(ArraySegment<byte> buffer, SocketFlags socketFlags) => ReceiveAsync((Memory<byte>)buffer, socketFlags).AsTask();

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, SocketFlags socketFlags, CancellationToken cancellationToken = default)
    {
        CheckFlags(socketFlags);
        while (true)
        {
            ThrowIfClosed();
            cancellationToken.ThrowIfCancellationRequested();
            int received = Connected().Receive(buffer.Span, out SocketError error);
            if (error != SocketError.WouldBlock)
            {
                ThrowIf(error);
                return received;
            }

            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Shutdown(SocketShutdown how)
    {
        ThrowIfClosed();
        if (how != SocketShutdown.Receive)
        {
            Connected().ShutdownOutput();
        }

        if (how != SocketShutdown.Send)
        {
            Connected().ShutdownInput();
        }
    }

    private static void CheckFlags(SocketFlags flags)
    {
        if (flags != SocketFlags.None)
        {
            throw NotSimulated($"flag {flags}");
        }
    }

    private Testing.Kernel.IStreamSocket Connected() => _stream ?? throw new SocketException((int)SocketError.NotConnected);
}
