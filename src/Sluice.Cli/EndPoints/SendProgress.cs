using System.Diagnostics;

namespace Sluice.Cli.EndPoints;

/// <summary>
/// Says how the sending of the input proceeds. A peer that has ended its own direction may still receive: what is piped in is sent to its end, and the
/// wait ends only when that does not proceed.
/// </summary>
internal sealed class SendProgress
{
    // An input that has nothing for so long, such as the pipe of a program that waits for answers, is not waited for.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // A peer that takes nothing for so long has not only ended its direction.
    private static readonly TimeSpan s_stall = TimeSpan.FromSeconds(10);

    // Written by the task that sends, read by the one that waits.
    private long _last = Stopwatch.GetTimestamp();
    private volatile bool _isWriting;

    /// <summary>Gets a value indicating whether bytes of the input were read that the peer has not taken.</summary>
    public bool HasUnsent => _isWriting;

    /// <summary>Reports that bytes of the input were read, and are written next.</summary>
    public void BeginWrite()
    {
        Volatile.Write(ref _last, Stopwatch.GetTimestamp());
        _isWriting = true;
    }

    /// <summary>Reports that the peer has taken them.</summary>
    public void EndWrite()
    {
        Volatile.Write(ref _last, Stopwatch.GetTimestamp());
        _isWriting = false;
    }

    /// <summary>Waits until the sending has ended or does not proceed.</summary>
    /// <param name="sending">The task that sends.</param>
    /// <param name="patience">How long it may pause; null for the default.</param>
    /// <exception cref="IOException">The peer has not taken all of the input.</exception>
    public async Task FinishAsync(Task sending, TimeSpan? patience = null)
    {
        while (!sending.IsCompleted)
        {
            TimeSpan left = (patience ?? (_isWriting ? s_stall : s_pause)) - Stopwatch.GetElapsedTime(Volatile.Read(ref _last));
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await Task.WhenAny(sending, Task.Delay(left));
        }

        if (sending.IsCompleted)
        {
            await sending;
        }

        if (HasUnsent)
        {
            throw new IOException("The other side has closed before it took all of the input.");
        }
    }
}
