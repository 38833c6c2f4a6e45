namespace Sluice.Tests;

/// <summary>Eight tests run side by side, and some hold threads of the pool, of which it would add one or two a second.</summary>
[SetUpFixture]
public sealed class PoolSetup
{
    [OneTimeSetUp]
    public void GiveThePoolThreads()
    {
        ThreadPool.GetMinThreads(out _, out int ports);
        Assert.That(ThreadPool.SetMinThreads(16, ports), Is.True);
    }
}
