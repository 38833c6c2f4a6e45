using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore.Tests;

/// <summary>A token ends a connect with itself, and what awaits it goes on outside of the cancellation.</summary>
public sealed class CancellationTests
{
    [Test]
    public void Every_public_method_that_takes_a_token_is_tried_here() =>
        Assert.That(
            typeof(SluiceConnectionFactory).Assembly.GetExportedTypes()
                .Where(type => type.Namespace == typeof(SluiceConnectionFactory).Namespace)
                .Concat(typeof(ConnectionBuilderExtensions).Assembly.GetExportedTypes())
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
                .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken)))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
            Is.EquivalentTo(new[] { "SluiceConnectionFactory.ConnectAsync", "SluiceConnectionListenerFactory.BindAsync" }));

    [Test]
    public async Task A_token_that_is_cancelled_beforehand_binds_nothing()
    {
        await using var selector = new SelectorManager();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var factory = new SluiceConnectionListenerFactory(selector);
        foreach (EndPoint endPoint in (EndPoint[])[new IPEndPoint(IPAddress.Loopback, 0), new FileHandleEndPoint(0, FileHandleType.Auto)])
        {
            var exception = Assert.CatchAsync<OperationCanceledException>(async () => await factory.BindAsync(endPoint, cancelled.Token));
            Assert.That(exception!.CancellationToken, Is.EqualTo(cancelled.Token));
        }

        Assert.That(selector.Describe().SocketCount, Is.Zero);
    }

    [Test]
    public async Task A_token_ends_a_connect_with_itself_and_outside_of_Cancel([Values(SelectorEngine.Epoll, SelectorEngine.Portable)] SelectorEngine engine)
    {
        if (engine == SelectorEngine.Epoll && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, NameResolver = new SilentResolver() });
        var factory = new SluiceConnectionFactory(selector);
        var unanswered = new DnsEndPoint("no.answer.example", 80);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Check(Assert.CatchAsync<OperationCanceledException>(async () => await factory.ConnectAsync(unanswered, cancelled.Token)), cancelled.Token);

        using var source = new CancellationTokenSource();
        Task connecting = factory.ConnectAsync(unanswered, source.Token).AsTask();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connecting.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(release.Task.Wait);
        Task cancelling = Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await cancelling.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            release.SetResult();
        }

        Check(Assert.CatchAsync<OperationCanceledException>(() => connecting), source.Token);

        static void Check(OperationCanceledException? exception, CancellationToken token) => Assert.That(exception!.CancellationToken, Is.EqualTo(token));
    }

    /// <summary>Never answers, and ends inside of the cancellation of its token.</summary>
    private sealed class SilentResolver : INameResolver
    {
        public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            return [];
        }
    }
}
