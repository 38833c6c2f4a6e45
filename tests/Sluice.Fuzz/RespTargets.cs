using System.Text;
using Resp;
using RespClient;
using static Sluice.Fuzz.Decoding;

namespace Sluice.Fuzz;

/// <summary>The two RESP parsers of the samples: of a server, for commands, and of a client, for replies.</summary>
internal static class RespTargets
{
    /// <summary>Reads commands as the server does.</summary>
    public static void Commands(byte[] data)
    {
        if (data.Length < 1)
        {
            return;
        }

        byte[] bytes = data[1..];
        string whole = AllCommands(bytes, int.MaxValue);
        Same(whole, AllCommands(bytes, 1));
        Same(whole, AllCommands(bytes, data[0] + 1));
    }

    /// <summary>Reads replies as the client does.</summary>
    public static void Replies(byte[] data)
    {
        if (data.Length < 1)
        {
            return;
        }

        byte[] bytes = data[1..];
        string whole = All(bytes, int.MaxValue, new RespProtocol(), Describe);
        Same(whole, All(bytes, 1, new RespProtocol(), Describe));
        Same(whole, All(bytes, data[0] + 1, new RespProtocol(), Describe));
    }

    private static string AllCommands(byte[] bytes, int fragment) => All(
        bytes,
        fragment,
        new CommandDecoder(),
        static command => string.Join(' ', Enumerable.Range(0, command.Count).Select(index => Convert.ToHexString(command[index]))));

    private static string All<T>(byte[] bytes, int fragment, IFrameDecoder<T> decoder, Func<T, string> describe)
    {
        ByteReadChannel input = Open(bytes, fragment);
        var all = new StringBuilder();
        try
        {
            ReadAsync().Wait();
        }
        catch (AggregateException exception) when (exception.InnerException is FormatException or InvalidDataException or EndOfStreamException)
        {
            // A decoder may find out that bytes are malformed before it has all of them, or while they wait for the rest.
            all.Append("failed");
        }

        return all.ToString();

        async Task ReadAsync()
        {
            await foreach (T frame in input.ReadFramesAsync(decoder))
            {
                all.Append(describe(frame)).Append('\n');
            }
        }
    }

    private static string Describe(RespValue value) =>
        $"{value.Kind}{value.Number}{(value.Bytes is { } bytes ? Convert.ToHexString(bytes) : "-")}[{string.Join(',', (value.Items ?? []).Select(Describe))}]";
}
