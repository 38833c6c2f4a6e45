using System.Diagnostics;
using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>One connection after the other: connect, one message, its echo, reset, so that no port lingers.</summary>
internal sealed class ConnectLoad(TcpSocketBuilder tcp, EndPoint server, Messages messages, LoadTotals totals)
{
    private readonly byte[] _buffer = new byte[messages.Size + 1];

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="IOException">The server closed, or answered something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long started = Stopwatch.GetTimestamp();
            StreamSocket socket = await tcp.ConnectAsync(server, cancellationToken: cancellationToken);
            try
            {
                await EchoAsync(socket.OpenConnection(), cancellationToken);
            }
            finally
            {
                socket.Abort();
            }

            totals.Add(started, Stopwatch.GetTimestamp());
        }
    }

    private async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        await connection.Output.WriteAsync(messages.Sent.Slice(0, messages.Size), cancellationToken);
        await connection.Input.ReadExactlyAsync(_buffer.AsMemory(0, messages.Size), cancellationToken);
        (Cycle answers, int size) = messages.Recognize(_buffer.AsSpan(0, messages.Size));
        await connection.Input.ReadExactlyAsync(_buffer.AsMemory(messages.Size, size - messages.Size), cancellationToken);
        if (answers.CountEqual(0, _buffer.AsSpan(0, size)) < size)
        {
            throw new IOException("What came back from the server differs from what was sent.");
        }
    }
}
