// Before the app is deployed: waits until roles that were just given count.
#:property PublishAot=false
#:project steps/Steps.csproj

using Pushcart.Deployment;

return await Hook.RunAsync(WaitForStorage.RunAsync);
