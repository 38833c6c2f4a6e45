using System.IO.Pipelines;
using Sluice.Tests.Channels;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>Every way to read from a connection and to write to it, through its channels and their views.</summary>
internal static class ClosingCalls
{
    private static readonly byte[] s_bytes = new byte[1000];
    private static readonly byte[] s_manyBytes = new byte[300_000];

    public static IReadOnlyList<ClosingCall> Reads { get; } =
    [
        .. ReadOperations.All.Where(read => !read.NeedsEnd)
            .Select(read => new ClosingCall(read.Name, connection => read.RunAsync(connection.Input, CancellationToken.None), read.Given)),
        new("ReadToEndAsync", connection => connection.Input.ReadToEndAsync(1 << 30).AsTask()),
        new("SkipAsync, all", connection => connection.Input.SkipAsync(long.MaxValue).AsTask()),
        new("CopyToAsync, stream", connection => connection.Input.CopyToAsync(Stream.Null).AsTask()),
        new("CopyToAsync, channel", connection => connection.Input.CopyToAsync(Stream.Null.AsByteWriteChannel()).AsTask()),
        new("the text reader", connection => connection.Input.AsTextReader().ReadLineAsync(), "abc\n"u8.ToArray()),
        new("the stream, blocking", connection => Task.FromResult(connection.AsStream().Read(new byte[100]))),
        new("the pipe", async connection =>
        {
            PipeReader reader = connection.AsDuplexPipe().Input;
            ReadResult result = await reader.ReadAsync();
            reader.AdvanceTo(result.Buffer.End);
        }),
    ];

    public static IReadOnlyList<ClosingCall> Writes { get; } =
    [
        .. WriteOperations.All.Select(write => new ClosingCall(write.Name, connection => write.Run(connection.Output, CancellationToken.None).AsTask())),
        new("FlushAsync", connection => connection.Output.FlushAsync().AsTask()),
        new("WriteAsync, large", connection => connection.Output.WriteAsync(s_manyBytes).AsTask()),
        new("CompleteAsync", connection => connection.Output.CompleteAsync().AsTask()),
        new("CopyFromAsync", connection => connection.Output.CopyFromAsync(new MemoryStream(s_manyBytes)).AsTask()),
        new("PostAsync", connection => connection.Outbox.PostAsync(s_bytes).AsTask()),
        new("PostAsync, large", connection => connection.Outbox.PostAsync(s_manyBytes.AsMemory(0, 30_000)).AsTask()),
        new("the stream, blocking", connection =>
        {
            Stream stream = connection.AsStream();
            stream.Write(s_bytes);
            stream.Flush();
            return Task.CompletedTask;
        }),
        new("the pipe", async connection =>
        {
            // A pipe says that its reader is gone. The write that the caller makes all the same says why.
            if ((await connection.AsDuplexPipe().Output.WriteAsync(s_bytes)).IsCompleted)
            {
                await connection.Output.WriteAsync(s_bytes);
            }
        }),
    ];
}
