using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>A proxy that says what a test tells it to, however that fits what it is asked.</summary>
internal sealed class ScriptedProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _running;

    /// <param name="steps">What it waits for, by its length, and what it says then. After the last it ends its side.</param>
    public ScriptedProxy(params (int Asked, byte[] Answer)[] steps)
        : this(steps, staysOpen: false)
    {
    }

    public ScriptedProxy((int Asked, byte[] Answer)[] steps, bool staysOpen)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync(steps, staysOpen);
    }

    public EndPoint EndPoint => _listener.LocalEndPoint!;

    /// <summary>All that it was told.</summary>
    public List<byte> Heard { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _running.OutcomeAsync();
        _over.Dispose();
    }

    private async Task RunAsync((int Asked, byte[] Answer)[] steps, bool staysOpen)
    {
        using Socket client = await _listener.AcceptAsync(_over.Token);
        byte[] buffer = new byte[4096];
        foreach ((int asked, byte[] answer) in steps)
        {
            for (int got = 0; got < asked;)
            {
                int count = await client.ReceiveAsync(buffer.AsMemory(0, asked - got), _over.Token);
                if (count == 0)
                {
                    return;
                }

                got += count;
                Heard.AddRange(buffer.AsSpan(0, count));
            }

            await client.SendAsync(answer, _over.Token);
        }

        if (staysOpen)
        {
            await Task.Delay(Timeout.Infinite, _over.Token);
        }

        client.Shutdown(SocketShutdown.Send);
        while (await client.ReceiveAsync(buffer, _over.Token) is > 0 and var count)
        {
            Heard.AddRange(buffer.AsSpan(0, count));
        }
    }
}
