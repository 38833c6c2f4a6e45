using System.Diagnostics;
using System.Net;

namespace Sluice.Cli.Bench;

/// <summary>Makes one connection after another: connects, echoes one message, and resets the connection, so that no port lingers in TIME_WAIT.</summary>
internal sealed class ConnectLoad(TcpSocketBuilder tcp, EndPoint server, TimeSpan timeout, Messages messages, LoadTotals totals)
{
    private readonly byte[] _buffer = new byte[messages.Size + 1];

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server closed the connection, or sent back something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long started = Stopwatch.GetTimestamp();
            StreamSocket socket = await tcp.ConnectAsync(server, options => options.ConnectTimeout = timeout, cancellationToken);
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
        var check = new AnswerCheck(messages);
        await connection.Output.WriteAsync(messages.Sent.Slice(0, messages.Size), cancellationToken);
        int complete = 0;
        while (complete == 0)
        {
            int count = await connection.Input.ReadAsync(_buffer, cancellationToken);
            complete = count > 0 ? check.Add(_buffer.AsSpan(0, count)) : throw new IOException("The server closed a connection.");
        }
    }
}
