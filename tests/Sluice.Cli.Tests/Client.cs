using System.Net.Sockets;
using System.Text;

namespace Sluice.Cli.Tests;

/// <summary>A client that has nothing of Sluice in it.</summary>
internal sealed class Client : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private Client(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <summary>Gets its own end point.</summary>
    public string Name => $"127.0.0.1:{((System.Net.IPEndPoint)_client.Client.LocalEndPoint!).Port}";

    public static async Task<Client> ConnectAsync(int port, int? receiveBufferSize = null)
    {
        var client = new TcpClient();
        if (receiveBufferSize is { } size)
        {
            client.ReceiveBufferSize = size;
        }

        await client.ConnectAsync("127.0.0.1", port).Soon($"a connection to port {port}");
        return new Client(client);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).Soon($"the server takes {bytes.Length} bytes");

    public void HalfClose() => _client.Client.Shutdown(SocketShutdown.Send);

    public void Reset() => _client.Client.Reset();

    /// <summary>Reads exactly what is expected to come.</summary>
    public async Task ExpectAsync(string text) =>
        Assert.That(Encoding.UTF8.GetString(await ReceiveAsync(Encoding.UTF8.GetByteCount(text))), Is.EqualTo(text));

    public async Task<byte[]> ReceiveAsync(int count)
    {
        byte[] received = new byte[count];
        await _stream.ReadExactlyAsync(received).Soon($"{count} bytes from the server");
        return received;
    }

    /// <summary>The server closes, and nothing comes before.</summary>
    public async Task ExpectEndAsync() => Assert.That(await _stream.ReadAsync(new byte[1]).Soon("the server closes"), Is.Zero);

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }
}
