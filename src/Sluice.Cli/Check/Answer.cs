using System.Net.Sockets;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Check;

/// <summary>What a server sends on a new connection.</summary>
/// <param name="FirstLine">The first line, without what cannot be printed; empty if nothing came.</param>
/// <param name="Count">How many bytes came.</param>
/// <param name="End">What the connection came to.</param>
/// <param name="Error">The reason, if TLS has failed.</param>
internal sealed record Answer(string FirstLine, long Count, AnswerEnd End, string? Error = null)
{
    private const int BufferSize = 64 * 1024;
    private const int MostShown = 80;

    /// <summary>Sends a request, and reads for a while.</summary>
    public static async Task<Answer> ReadAsync(Connection connection, ReadOnlyMemory<byte> request, TimeSpan wait)
    {
        using var ending = new CancellationTokenSource(wait);
        byte[] buffer = new byte[BufferSize];
        string line = string.Empty;
        long count = 0;
        try
        {
            if (!request.IsEmpty)
            {
                await connection.Output.WriteAsync(request, ending.Token);
                await connection.Output.FlushAsync(ending.Token);
            }

            int read;
            while ((read = await connection.Input.ReadAsync(buffer, ending.Token)) > 0)
            {
                line = count == 0 ? EscapedText.FirstLine(buffer.AsSpan(0, read), MostShown) : line;
                count += read;
            }

            return new Answer(line, count, AnswerEnd.Closed);
        }
        catch (OperationCanceledException)
        {
            return new Answer(line, count, AnswerEnd.Open);
        }
        catch (IOException exception)
        {
            return exception.GetBaseException() switch
            {
                SocketException => new Answer(line, count, AnswerEnd.Reset),

                // The end of a connection that TLS does not close.
                IOException => new Answer(line, count, AnswerEnd.Closed),
                _ => new Answer(line, count, AnswerEnd.Failed, TlsText.ReasonOf(exception)),
            };
        }
    }

    /// <summary>Says what was seen.</summary>
    public string Describe(TimeSpan wait) =>
        $"{(Count == 0 ? "nothing" : $"'{FirstLine}', {Quantity.Of(Count, "byte")}")}{End switch
        {
            AnswerEnd.Open => $" within {wait.TotalSeconds} s; the connection stays open",
            AnswerEnd.Closed => "; the server closes the connection",
            AnswerEnd.Reset => "; the server resets the connection",
            _ => $"; {Error}",
        }}";
}
