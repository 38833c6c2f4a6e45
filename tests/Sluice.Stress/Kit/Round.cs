using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;

namespace Sluice.Stress.Kit;

/// <summary>One round of a race: a world, chance, and what is wrong.</summary>
internal sealed class Round(World world, Random random, Faults faults, string name)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public World World => world;

    public Random Random => random;

    /// <summary>Whether something did not end: the world is of no further use.</summary>
    public bool IsStuck { get; private set; }

    public Faults Faults => faults;

    /// <summary>Chance for another thread.</summary>
    public Random Fork() => new(random.Next());

    public void Fault(string fault) => faults.Add($"{name}: {fault}");

    /// <summary>Runs all of them at once, each on a thread of its own, and waits until they have ended.</summary>
    public async Task TogetherAsync(params Func<Task>[] actions)
    {
        using var start = new Barrier(actions.Length);
        int[] delays = [.. actions.Select(_ => random.Next(4) == 0 ? random.Next(20_000) : random.Next(200))];
        await Task.WhenAll(actions.Select((action, i) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                Thread.SpinWait(delays[i]);
                return action();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
    }

    /// <summary>Runs an operation that ends in its time, in success or in one of the allowed ways.</summary>
    [OverloadResolutionPriority(1)]
    public async Task TryAsync(
        Allowed allowed, Func<Task> action, CancellationToken cancellationToken = default, [CallerArgumentExpression(nameof(action))] string what = "")
    {
        Task? task = null;
        try
        {
            task = action();
            await task.WaitAsync(s_patience);
        }
        catch (TimeoutException) when (task is { IsCompleted: false })
        {
            IsStuck = true;
            Fault($"{what} did not end within {s_patience.TotalSeconds} s: {world.Selector.Describe()}");
        }
        catch (Exception exception) when (IsAllowed(exception, allowed, cancellationToken))
        {
            // One of the ends it may come to.
        }
        catch (Exception exception)
        {
            Fault($"{what}, which may end in {allowed}, ended in {exception}");
        }
    }

    public Task TryAsync(
        Allowed allowed, Func<ValueTask> action, CancellationToken cancellationToken = default, [CallerArgumentExpression(nameof(action))] string what = "") =>
        TryAsync(allowed, () => action().AsTask(), cancellationToken, what);

    /// <summary>Calls what does not suspend.</summary>
    public Task TryAsync(Allowed allowed, Action action, [CallerArgumentExpression(nameof(action))] string what = "") => TryAsync(
        allowed,
        () =>
        {
            action();
            return Task.CompletedTask;
        },
        CancellationToken.None,
        what);

    /// <summary>Checks that a pool gets back all it has lent.</summary>
    public async Task ReturnsAllAsync(TrackingPool pool)
    {
        for (int i = 0; pool.Outstanding > 0 && i < 500; i++)
        {
            await Task.Delay(10);
        }

        pool.CheckPoison();
        if (pool.Outstanding > 0)
        {
            Fault(pool.DescribeOutstanding());
        }
    }

    private static bool IsAllowed(Exception exception, Allowed allowed, CancellationToken cancellationToken) => exception switch
    {
        ObjectDisposedException => allowed.HasFlag(Allowed.Closed),
        IOException => allowed.HasFlag(Allowed.Peer),
        OperationCanceledException canceled => allowed.HasFlag(Allowed.Canceled) && canceled.CancellationToken == cancellationToken,
        SocketException => allowed.HasFlag(Allowed.Socket),
        InvalidOperationException => allowed.HasFlag(Allowed.Busy) && exception.Message.Contains("in progress", StringComparison.Ordinal),
        AuthenticationException => allowed.HasFlag(Allowed.Handshake),
        _ => false,
    };
}
