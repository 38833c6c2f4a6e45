namespace Sluice.Faults.Overloading;

/// <summary>Work that is asked of a server, and how often it was answered.</summary>
internal abstract class Load
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(500);

    private long _answered;

    /// <summary>Asks as fast as the server answers, or so many times a second, whether or not it answers.</summary>
    /// <param name="rate">The times a second; 0 for as fast as the server answers.</param>
    /// <param name="time">How long the answers are counted.</param>
    /// <returns>The answers a second in that time, and all answers.</returns>
    public async Task<(double Rate, long All)> RunAsync(double rate, TimeSpan time)
    {
        using var end = new CancellationTokenSource();
        Task asking = rate == 0 ? SaturateAsync(end.Token) : OfferAsync(rate, end.Token);
        await Task.Delay(s_warmUp);
        long before = Interlocked.Read(ref _answered);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        await Task.Delay(time);
        double answered = (Interlocked.Read(ref _answered) - before) / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
        await end.CancelAsync();
        await asking;
        return (answered, Interlocked.Read(ref _answered));
    }

    protected void CountAnswer() => Interlocked.Increment(ref _answered);

    protected abstract Task SaturateAsync(CancellationToken end);

    protected abstract Task OfferAsync(double rate, CancellationToken end);
}
