namespace Sluice.Cli.Tests;

/// <summary>Runs the command on each engine. <c>SLUICE_ENGINE</c> in the environment narrows a run to one of them.</summary>
[TestFixture("epoll")]
[TestFixture("portable")]
public abstract class BothEngines(string engine)
{
    protected string Engine { get; } = engine;

    [SetUp]
    public void SkipWhereThereIsNoSuchEngine()
    {
        if (Engine == "epoll" && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        if (Environment.GetEnvironmentVariable("SLUICE_ENGINE") is { Length: > 0 } only && only != Engine)
        {
            Assert.Ignore($"SLUICE_ENGINE asks for {only} alone.");
        }
    }
}
