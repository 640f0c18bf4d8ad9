namespace EdgeFleet.ControlPlane.Access;

/// <summary>Judges a name and a password, for the form and for the API alike.</summary>
internal sealed partial class SignIn(UserStore users, LoginLimiter limiter, ILogger<SignIn> log)
{
    public async Task<SignInResult> TryAsync(string name, string password, string address, CancellationToken cancel)
    {
        if (limiter.Begin(name, address) is { } wait)
        {
            Log.SignInHeldBack(log, address, wait.TotalSeconds);
            return new SignInResult.Wait(wait);
        }

        if (await users.VerifyAsync(name, password, cancel) is not { } user)
        {
            Log.SignInRefused(log, address);
            return new SignInResult.Wrong();
        }

        limiter.Succeeded(name, address);
        return new SignInResult.Right(user);
    }

    private static partial class Log
    {
        // The name is left out: people type passwords into the field for it.
        [LoggerMessage(Level = LogLevel.Warning, Message = "SignInRefused: name or password from {Address} were wrong")]
        public static partial void SignInRefused(ILogger logger, string address);

        [LoggerMessage(Level = LogLevel.Warning, Message = "SignInHeldBack: too many attempts; {Address} must wait {Seconds} s")]
        public static partial void SignInHeldBack(ILogger logger, string address, double seconds);
    }
}

/// <summary>How an attempt to sign in ended.</summary>
internal abstract record SignInResult
{
    public sealed record Right(User User) : SignInResult;

    public sealed record Wrong : SignInResult;

    public sealed record Wait(TimeSpan For) : SignInResult
    {
        /// <summary>For people and programs alike.</summary>
        public string Sentence => $"Too many attempts. Try again in {Math.Max(1, (int)Math.Ceiling(For.TotalMinutes))} min.";

        /// <summary>Whole seconds, at least 1.</summary>
        public int Seconds => Math.Max(1, (int)Math.Ceiling(For.TotalSeconds));
    }
}
