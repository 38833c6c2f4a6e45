using System.Globalization;
using System.Text;

namespace Sluice.Fuzz;

/// <summary>What the targets have in common.</summary>
internal static class Decoding
{
    /// <summary>Gets everything that a channel gives that receives so many bytes at a time, with the failure it ends in.</summary>
    public static string AllOf(byte[] bytes, int fragment, Func<ByteReadChannel, ValueTask<string?>> readAsync)
    {
        ByteReadChannel input = Open(bytes, fragment);
        var all = new StringBuilder();
        try
        {
            while (readAsync(input).AsTask().GetAwaiter().GetResult() is { } one)
            {
                all.Append(one).Append('\0');
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or EndOfStreamException)
        {
            Tell(all, input, exception);
        }

        return all.ToString();
    }

    /// <summary>Adds a failure to what was decoded before it.</summary>
    public static void Tell(StringBuilder all, ByteReadChannel input, Exception exception) =>
        all.Append(CultureInfo.InvariantCulture, $"{exception.GetType().Name} at {(exception as LimitExceededException)?.Position} after {input.TotalBytesRead}");

    /// <summary>Opens a channel over these bytes, which receives so many at a time.</summary>
    public static ByteReadChannel Open(byte[] bytes, int fragment)
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = bytes.Length + 1, MaxFragment = fragment });
        channel.Writer.WriteAsync(bytes).AsTask().GetAwaiter().GetResult();
        channel.Writer.CompleteAsync().AsTask().GetAwaiter().GetResult();
        return channel.Reader;
    }

    /// <summary>Compares the results of two ways to decode the same bytes.</summary>
    public static void Same(string whole, string cut)
    {
        if (whole != cut)
        {
            throw new InvalidOperationException($"Whole it is {whole}, otherwise {cut}.");
        }
    }
}
