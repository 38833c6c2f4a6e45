namespace Sluice.Testing.Tests;

/// <summary>Awaits code that has to fail. NUnit's <c>Assert.ThrowsAsync</c> blocks the thread.</summary>
internal static class Failure
{
    public static async Task<T> OfAsync<T>(Func<Task> code)
        where T : Exception
    {
        try
        {
            await code();
        }
        catch (T exception)
        {
            return exception;
        }

        throw new AssertionException($"It did not throw a {typeof(T).Name}.");
    }
}
