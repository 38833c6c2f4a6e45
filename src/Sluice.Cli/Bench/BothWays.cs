namespace Sluice.Cli.Bench;

/// <summary>Sends and receives at once.</summary>
internal static class BothWays
{
    /// <summary>Runs both until one of them ends, ends the other one, and throws what the first has thrown.</summary>
    public static async Task RunAsync(Func<CancellationToken, Task> send, Func<CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = send(ending.Token);
        Task receiving = receive(ending.Token);
        Task ended = await Task.WhenAny(sending, receiving);
        await ending.CancelAsync();
        await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended;
    }
}
