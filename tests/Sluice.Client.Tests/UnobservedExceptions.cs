using System.Collections.Concurrent;

namespace Sluice.Client.Tests;

/// <summary>Fails the run if the library has left a failed task that nothing looked at.</summary>
[SetUpFixture]
public sealed class UnobservedExceptions
{
    private readonly ConcurrentQueue<Exception> _unobserved = new();

    [OneTimeSetUp]
    public void Watch() => TaskScheduler.UnobservedTaskException += OnUnobserved;

    [OneTimeTearDown]
    public void Check()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        Assert.That(_unobserved, Is.Empty);
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs arguments) => _unobserved.Enqueue(arguments.Exception);
}
