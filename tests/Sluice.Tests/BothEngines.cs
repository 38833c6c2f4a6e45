namespace Sluice.Tests;

/// <summary>Tests that hold for either engine: each fixture runs over both.</summary>
[TestFixture(SelectorEngine.Epoll)]
[TestFixture(SelectorEngine.Portable)]
public abstract class BothEngines(SelectorEngine engine)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected SelectorEngine Engine { get; } = engine;

    protected SelectorManager Selector { get; private set; } = null!;

    [SetUp]
    public void CreateSelector()
    {
        if (Engine == SelectorEngine.Epoll && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        Selector = new SelectorManager(new SelectorOptions { Engine = Engine });
    }

    [TearDown]
    public void DisposeSelector() => Selector?.Dispose();
}
