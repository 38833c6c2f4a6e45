using System.IO.Pipelines;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>A pipe's writer of the user's.</summary>
internal sealed class UserPipeWriter(Action<string> onCall) : PipeWriter
{
    public bool IsCompleted { get; private set; }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        onCall("PipeWriter.GetMemory");
        return new byte[Math.Max(sizeHint, 4096)];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => onCall("PipeWriter.Advance");

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        onCall("PipeWriter.FlushAsync");
        return default;
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
        onCall("PipeWriter.Complete");
        IsCompleted = true;
    }
}
