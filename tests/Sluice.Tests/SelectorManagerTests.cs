using System.Diagnostics.Metrics;

namespace Sluice.Tests;

public sealed class SelectorManagerTests
{
    [Test]
    public void A_meter_factory_that_throws_leaves_no_engine_behind()
    {
        int created = 0;
        Assert.Throws<NotSupportedException>(() => _ = new SelectorManager(
            new SelectorOptions { MeterFactory = new BrokenMeterFactory() },
            (_, _) =>
            {
                created++;
                throw new InvalidOperationException();
            }));
        Assert.That(created, Is.Zero);
    }

    [Test]
    public void The_engine_is_the_one_that_was_asked_for()
    {
        using var portable = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Portable });
        Assert.That(portable.Engine, Is.EqualTo(SelectorEngine.Portable));

        if (OperatingSystem.IsLinux())
        {
            using var epoll = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll });
            Assert.That(epoll.Engine, Is.EqualTo(SelectorEngine.Epoll));
        }
        else
        {
            Assert.Throws<PlatformNotSupportedException>(() => _ = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll }));
        }
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("auto")]
    public async Task The_engine_is_epoll_on_Linux_and_portable_elsewhere(string? variable)
    {
        await using ChildProcess child = ChildProcess.Start(["engine"], (SelectorOptions.EngineVariable, variable));

        Assert.That(await child.ReadLineAsync(), Is.EqualTo(OperatingSystem.IsLinux() ? "Epoll" : "Portable"));
    }

    [TestCase("portable", "Portable")]
    [TestCase("Portable", "Portable")]
    [TestCase("EPOLL", "Epoll")]
    public async Task The_environment_variable_overrides_the_default(string variable, string engine)
    {
        if (engine == "Epoll" && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        await using ChildProcess child = ChildProcess.Start(["engine"], (SelectorOptions.EngineVariable, variable));

        Assert.That(await child.ReadLineAsync(), Is.EqualTo(engine));
    }

    [Test]
    public async Task An_environment_variable_that_names_no_engine_is_refused_and_named()
    {
        await using ChildProcess child = ChildProcess.Start(["engine"], (SelectorOptions.EngineVariable, "kqueue"));

        string answer = await child.ReadLineAsync();

        Assert.That(answer, Does.StartWith(nameof(ArgumentException)));
        Assert.That(answer, Does.Contain(SelectorOptions.EngineVariable).And.Contain("kqueue"));
    }

    [Test]
    public void Values_out_of_range_are_refused()
    {
        var options = new SelectorOptions();
        Action[] refused =
        [
            () => options.LoopCount = 0,
            () => options.LoopCount = -1,
            () => options.LoopCount = 1025,
            () => options.HandoffAfter = TimeSpan.Zero,
            () => options.HandoffAfter = TimeSpan.FromSeconds(-3),
            () => options.HandoffAfter = TimeSpan.FromDays(25),
            () => options.SpinDuration = TimeSpan.FromTicks(-1),
            () => options.SpinDuration = TimeSpan.FromMilliseconds(11),
            () => options.TimeProvider = null!,
            () => options.LoggerFactory = null!,
            () => _ = new ServeOptions { MaxConnections = 0 },
            () => _ = new ServeOptions { Grace = TimeSpan.FromSeconds(-3) },
            () => _ = new SelectorManager(new SelectorOptions { Engine = (SelectorEngine)99 }),
            () => _ = new SelectorManager(new SelectorOptions { ContinuationScheduling = (ContinuationScheduling)99 }),
        ];

        foreach (Action set in refused)
        {
            Assert.Catch<ArgumentException>(() => set());
        }
    }

    [Test]
    public async Task A_manager_has_as_many_loops_as_it_was_asked_for()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        const int spare = 1;
        int before = Descriptors.Threads("Sluice loop");
        await using (var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 5 }))
        {
            await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") == before + 5 + spare);
        }

        await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") == before);
    }

    [Test]
    public async Task A_manager_that_cannot_have_its_descriptors_leaves_no_thread_behind()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        await using ChildProcess child = await ChildProcess.ServeAsync(SelectorEngine.Epoll);
        Assert.That(await child.AskAsync("managers 1"), Is.EqualTo("0 failed, 0 left"));
        Assert.That(await child.AskAsync("spare 30"), Is.EqualTo("ok"));

        Assert.That(await child.AskAsync("managers 5"), Is.EqualTo("5 failed, 0 left"));
    }

    [Test]
    public async Task The_shared_manager_is_one_and_outlives_being_disposed()
    {
        SelectorManager shared = SelectorManager.Shared;

        shared.Dispose();
        await shared.DisposeAsync();

        Assert.That(SelectorManager.Shared, Is.SameAs(shared));
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(shared);
        await using (client)
        await using (accepted)
        {
            await client.OpenConnection().Output.WriteLineAsync("hello").Soon();
            Assert.That(await accepted.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }
    }

    [Test]
    public void Options_are_read_once()
    {
        var options = new SelectorOptions { Engine = SelectorEngine.Portable };
        using var selector = new SelectorManager(options);

        options.Engine = SelectorEngine.Auto;

        Assert.That(selector.Engine, Is.EqualTo(SelectorEngine.Portable));
    }

    private sealed class BrokenMeterFactory : IMeterFactory
    {
        public Meter Create(MeterOptions options) => throw new NotSupportedException("a factory");

        public void Dispose()
        {
        }
    }
}
