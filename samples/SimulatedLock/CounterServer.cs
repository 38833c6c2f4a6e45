using System.Globalization;
using Sluice;

namespace SimulatedLock;

/// <summary>
/// A counter. <c>READ token</c> answers with its value, <c>WRITE token value</c> sets it. Both are refused if a higher token has been seen: the caller has lost the
/// lock, and does not know it yet.
/// </summary>
/// <param name="checksTokens">Whether it refuses lower tokens. Without, an update can be lost.</param>
internal sealed class CounterServer(bool checksTokens)
{
    public const int Port = 7001;

    private long _highestToken;

    public long Value { get; private set; }

    public async Task RunAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Port);
        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
            {
                await connection.Output.WriteLineAsync(Answer(line), cancellationToken);
            }
        });
    }

    private string Answer(string line)
    {
        string[] words = line.Split(' ');
        long token = long.Parse(words[1], CultureInfo.InvariantCulture);
        if (checksTokens && token < _highestToken)
        {
            return "STALE";
        }

        _highestToken = Math.Max(_highestToken, token);
        if (words[0] == "READ")
        {
            return Value.ToString(CultureInfo.InvariantCulture);
        }

        Value = long.Parse(words[2], CultureInfo.InvariantCulture);
        return "OK";
    }
}
