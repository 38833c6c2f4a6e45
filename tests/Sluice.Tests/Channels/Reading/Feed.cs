using System.IO.Pipelines;

namespace Sluice.Tests.Channels.Reading;

/// <summary>A channel to read, and what puts bytes into it.</summary>
internal sealed record Feed(ByteReadChannel Input, Func<byte[], Task> WriteAsync, Func<Task> EndAsync)
{
    /// <summary>Over a pipe of the framework's.</summary>
    public static Feed OverPipe()
    {
        var pipe = new Pipe();
        return Over(pipe.Reader.AsByteReadChannel(), pipe.Writer);
    }

    /// <summary>Over a stream whose reads wait.</summary>
    public static Feed OverStream()
    {
        var pipe = new Pipe();
        return Over(pipe.Reader.AsStream().AsByteReadChannel(), pipe.Writer);
    }

    /// <summary>Over a pipe of our own, from which every byte comes by itself.</summary>
    public static Feed OverByteChannel()
    {
        var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = 1 });
        return new(channel.Reader, bytes => channel.Writer.WriteAsync(bytes).AsTask(), () => channel.Writer.CompleteAsync().AsTask());
    }

    private static Feed Over(ByteReadChannel input, PipeWriter writer) =>
        new(input, async bytes => await writer.WriteAsync(bytes), async () => await writer.CompleteAsync());
}
