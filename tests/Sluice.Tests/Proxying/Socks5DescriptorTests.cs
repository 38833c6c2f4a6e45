namespace Sluice.Tests.Proxying;

/// <summary>Attempts through a SOCKS5 proxy that end early leave no descriptor behind: one test after another, since they count those of the process.</summary>
public sealed class Socks5DescriptorTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly byte[] s_noLogin = [5, 0];
    private static readonly byte[] s_success = [5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90];

    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time };

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task The_connect_timeout_bounds_all_that_is_said(int answered)
    {
        int before = Descriptors.Count();
        (int, byte[])[] steps = [(3, s_noLogin[..Math.Min(answered, 1)]), .. answered == 2 ? [(0, s_noLogin[1..]), (10, s_success[..5])] : ((int, byte[])[])[]];
        await using (var proxy = new ScriptedProxy(steps, staysOpen: true))
        {
            Task<StreamSocket> connecting = Selector.Tcp().Configure(options => options.ConnectTimeout = TimeSpan.FromSeconds(4))
                .ViaSocks5(proxy.EndPoint).ConnectAsync("192.0.2.1", 80).AsTask();
            await Waiting.UntilAsync(() => proxy.Heard.Count >= (answered == 2 ? 13 : 3));
            Assert.That(connecting.IsCompleted, Is.False);
            _time.Advance(TimeSpan.FromSeconds(4));

            Exception? failure = await connecting.OutcomeAsync();
            Assert.That(failure, Is.InstanceOf<TimeoutException>());
            Assert.That(failure!.Message, Does.Contain("192.0.2.1:80").And.Contain("4 s"));
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task A_token_that_is_cancelled_ends_it_and_frees_the_descriptor()
    {
        int before = Descriptors.Count();
        await using (var proxy = new ScriptedProxy([(3, [5])], staysOpen: true))
        {
            using var cancellation = new CancellationTokenSource();
            Task<StreamSocket> connecting = Selector.Tcp().ViaSocks5(proxy.EndPoint).ConnectAsync("192.0.2.1", 80, cancellationToken: cancellation.Token).AsTask();
            await Waiting.UntilAsync(() => proxy.Heard.Count >= 3);
            await cancellation.CancelAsync();

            OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await connecting.WaitAsync(Waiting.AtOnce))!;
            Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }
}
