using System.IO.Pipelines;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>Streams and pipes of others complete inside of <see cref="CancellationTokenSource.Cancel()"/>: what awaits us goes on elsewhere.</summary>
public sealed class ForeignCancellationTests
{
    public static IEnumerable<TestCaseData> Calls =>
    [
        Case("copying to a stream", async token => await ByteReadChannel.FromString("text").CopyToAsync(new WaitingStream(), token).ConfigureAwait(false)),
        Case("copying from a stream", async token => await new ByteChannel().Writer.CopyFromAsync(new WaitingStream(), token).ConfigureAwait(false)),
        Case("copying to a pipe", async token =>
            await ByteReadChannel.FromString("text").CopyToAsync(PipeWriter.Create(new WaitingStream()), token).ConfigureAwait(false)),
        Case("reading from a pipe", async token =>
            await PipeReader.Create(new WaitingStream()).AsByteReadChannel().ReadAsync(new byte[10], token).ConfigureAwait(false)),
        Case("reading from a stream", async token => await new WaitingStream().AsByteReadChannel().ReadAsync(new byte[10], token).ConfigureAwait(false)),
        Case("closing a connection in memory", async token =>
        {
            (Connection near, _) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { CloseTimeout = TimeSpan.FromSeconds(60), Capacity = 1 });
            await near.Output.WriteAsync(new byte[10], CancellationToken.None).ConfigureAwait(false);
            await near.CloseAsync(token).ConfigureAwait(false);
        }),
    ];

    [TestCaseSource(nameof(Calls))]
    public async Task What_awaits_it_goes_on_outside_of_Cancel_and_the_token_is_the_callers(Func<CancellationToken, Task> call)
    {
        using var source = new CancellationTokenSource();
        Task waiting = call(source.Token);
        Assert.That(waiting.IsCompleted, Is.False);
        await CancellationTests.CancelReturnsAsync(source, waiting);
        OperationCanceledException canceled = Assert.CatchAsync<OperationCanceledException>(() => waiting.Soon())!;
        Assert.That(canceled.CancellationToken, Is.EqualTo(source.Token));
    }

    private static TestCaseData Case(string name, Func<CancellationToken, Task> call) => new TestCaseData(call).SetArgDisplayNames(name);

    /// <summary>Nothing comes and nothing is taken.</summary>
    private sealed class WaitingStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
