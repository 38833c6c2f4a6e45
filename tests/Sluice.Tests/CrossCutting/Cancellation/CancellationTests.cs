using System.Reflection;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>
/// Every public method that takes a token: it ends with that token and no other in its exception, and what awaits it never goes on inside of
/// <see cref="CancellationTokenSource.Cancel()"/>, whose caller may hold a lock.
/// </summary>
[Parallelizable]
public sealed class CancellationTests(SelectorEngine engine) : TlsFixture(engine)
{
    public static IEnumerable<TestCaseData> Methods => TokenMethods.Of(typeof(SelectorManager).Assembly)
        .Select(method => new TestCaseData(method).SetArgDisplayNames(TokenMethods.NameOf(method)));

    protected override SelectorOptions Options => new() { NameResolver = new SilentResolver() };

    [TestCaseSource(nameof(Methods))]
    public async Task A_token_ends_a_call_with_itself_and_what_waits_goes_on_outside_of_Cancel(MethodInfo method)
    {
        await using var scenarios = new CancellationScenarios(Selector);
        Scenario scenario = await scenarios.FindAsync(method);
        if (scenario.Reason is { } reason)
        {
            Assert.That(reason, Is.Not.Empty);
            return;
        }

        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        if (!scenario.EndsOrdinarily)
        {
            OperationCanceledException before = await CanceledAsync(() => scenario.Begin(cancelled.Token));
            Assert.That(before.CancellationToken, Is.EqualTo(cancelled.Token), "cancelled before");
        }

        if (scenario.NeverWaits is not null)
        {
            return;
        }

        using var source = new CancellationTokenSource();
        Task waiting = await Task.Factory.StartNew(() => scenario.Begin(source.Token), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default);

        // Waits out the way to where the call waits, which not every call shows. A call that is cancelled on its way there has to end in the same way.
        await Task.Delay(20);
        Assert.That(waiting.IsCompleted, Is.False, $"it waits: {waiting.Exception}");
        await CancelReturnsAsync(source, waiting);
        if (scenario.EndsOrdinarily)
        {
            await waiting.Soon();
            return;
        }

        OperationCanceledException during = await CanceledAsync(() => waiting);
        Assert.That(during.CancellationToken, Is.EqualTo(source.Token), "cancelled while it waited");
    }

    /// <summary>Cancels while what awaits the task blocks, and checks that it does so elsewhere.</summary>
    internal static async Task CancelReturnsAsync(CancellationTokenSource source, Task waiting)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
        {
            ran.SetResult();
            release.Task.Wait();
        });
        Task cancelling = Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await ran.Task.Soon();
            await cancelling.Soon("Cancel() does not return while what awaits the call blocks");
        }
        finally
        {
            release.SetResult();
        }
    }

    private static async Task<OperationCanceledException> CanceledAsync(Func<Task> call)
    {
        try
        {
            await call().Soon();
        }
        catch (OperationCanceledException exception)
        {
            return exception;
        }

        throw new AssertionException("It was not cancelled.");
    }
}
