using System.Net.Sockets;
using System.Text;

namespace Sluice.Cli.Tests;

/// <summary>A client that has nothing of Sluice in it.</summary>
internal sealed class Client : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private Client(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<Client> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        return new Client(client);
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    public void HalfClose() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        _client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Dispose();
    }

    /// <summary>Reads exactly what is expected to come.</summary>
    public async Task ExpectAsync(string text)
    {
        byte[] received = new byte[Encoding.UTF8.GetByteCount(text)];
        await _stream.ReadExactlyAsync(received).AsTask().WaitAsync(s_patience);
        Assert.That(Encoding.UTF8.GetString(received), Is.EqualTo(text));
    }

    /// <summary>The server closes, and nothing comes before.</summary>
    public async Task ExpectEndAsync() => Assert.That(await _stream.ReadAsync(new byte[1]).AsTask().WaitAsync(s_patience), Is.Zero);

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }
}
